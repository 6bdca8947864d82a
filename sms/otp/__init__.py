"""OTP challenges: a code by text message shows that somebody holds a mobile."""
