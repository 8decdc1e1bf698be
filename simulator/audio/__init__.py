"""Sound as a test language: generators, detectors, pictures. Mono, any rate, 16 kHz unless told otherwise.

| module | has |
|---|---|
| `samples` | the two forms of sound, and the way between them |
| `tones`, `dtmf_tones`, `noise`, `speech` | generators |
| `levels`, `spectrum`, `tone_finder`, `dtmf_finder`, `speech_finder`, `delay` | detectors |
| `quality` | E-model (ITU-T G.107) from RTP statistics |
| `wav`, `g711`, `resampling` | files, companding, other rates |
| `spectrogram`, `png` | a picture of what was heard |
| `ear`, `mouth`, `line`, `expectations`, `evidence` | a live party: what it hears and says, what is expected of it |
| `party` | who can talk and listen, as protocols; loads nothing heavy |
| `in_band_senders` | senders of in-band digits, good and bad, as data |

Importing this package loads nothing; its modules load numpy.
"""
