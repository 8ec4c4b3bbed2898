"""What is sent for an abstract, and how fast stores and scorer are."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

from benchmarks.ours import extract_all
from benchmarks.running import serving
from benchmarks.server import Behaviour
from benchmarks.texts import make_abstracts
from extractor.asking import Request
from extractor.asking.forms import build_forms
from extractor.documents import Abstract
from extractor.estimates import ASSUMED_CHARS_PER_TOKEN
from extractor.prompting import load_prompt
from extractor.results import Result

_CLAIMS = 60_000
_BATCH = 400
