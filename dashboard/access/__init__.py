"""Who asks, and what each may see: users, tokens, sessions, and the gate through which every request passes."""
