"""Session descriptions (RFC 4566, RFC 3264): the only reader and the only writer of SDP, as text and values.

| module | content |
|---|---|
| `body` | the SDP in the body of a SIP message, also in a multipart one |
| `description` | a whole description, read tolerantly: sections with address, formats and direction |
| `formats` | payload types with their encodings; which encodings are codecs of ours |
| `telephone_events` | the events that a telephone-event format lists |
| `audio` | which audio section can be used, and the codec and the telephone-event format that both sides have |
| `video` | the same for video |
| `received_offer`, `received_answer` | what a peer offers or answers, and whether it can be used |
| `own` | what this side offers and answers |
| `for_pjsip` | a received description as PJSIP gets it |

Nothing here knows PJSIP's functions, sockets or calls.
"""
