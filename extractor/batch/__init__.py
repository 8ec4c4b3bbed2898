"""The providers' batch interface: requests and answers as files, and jobs that work them off."""

from extractor.batch.exporting import Export, export_requests
from extractor.batch.importing import Destination, Import, import_answers
from extractor.batch.jobs import Job
from extractor.batch.request_files import Limits

__all__ = [
    "Destination",
    "Export",
    "Import",
    "Job",
    "Limits",
    "export_requests",
    "import_answers",
]
