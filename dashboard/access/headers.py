"""The headers of every answer: nothing is loaded from elsewhere, nothing written into a page is run, no frame."""

from typing import Final

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OVER_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}
OF_DATA: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""What one may see another may not: no cache between keeps it, and the browser's asks anew."""
