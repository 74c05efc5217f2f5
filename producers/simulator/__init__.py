"""A city that calls taxis: invented, but with everything that real telephony does to those who count it."""
