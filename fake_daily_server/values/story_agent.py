"""The User-Agent by which REST calls that scenario files make themselves are told from those of programs."""

STORY_AGENT = "daily-sim scenario"
