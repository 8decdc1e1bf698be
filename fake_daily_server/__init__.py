"""A local Daily: REST, signalling, rooms, events and telephony over real SIP."""
