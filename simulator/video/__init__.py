"""Video (VP8, H264) over plain RTP in this process, outside PJSIP (docs/webrtc.md). Its import loads no codec."""
