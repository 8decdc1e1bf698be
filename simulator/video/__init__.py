"""Video over plain RTP, outside PJSIP: VP8 and H264, in this process (docs/webrtc.md). Importing it loads no codec."""
