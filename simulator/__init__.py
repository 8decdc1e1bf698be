"""A telephone network on loopback: phones, numbers, digits, real SIP and RTP. Knows nothing of Daily."""
