"""The exits of a worker process, SIP messages and RTP: each asks the policy of `simulator.destinations`."""
