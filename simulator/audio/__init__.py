"""Audio for tests: generators, detectors, and a party's two directions of audio. Mono, at any rate; 16 kHz by default.

| module | contents |
|---|---|
| `samples` | the two representations of audio, and conversions between them |
| `tones`, `dtmf_tones`, `noise`, `babble` | generators |
| `levels`, `spectrum`, `tone_detector`, `dtmf_detector`, `speech_detector`, `delay` | measurements and detectors |
| `e_model` | E-model rating (ITU-T G.107) from RTP statistics |
| `wav`, `g711`, `resampling` | WAV files, companding, conversion between sampling rates |
| `spectrogram`, `png` | pictures of audio |
| `audio_line`, `received_audio`, `send_queue` | the audio of one live party: what it receives and what it sends |
| `expectations`, `evidence` | waits for what a party should receive, and the files kept when they fail |
| `party`, `sound_verbs` | the audio methods of phone calls and clients; these two modules do not load numpy |

Importing this package loads nothing; most of its modules load numpy.
"""
