"""Data of others that lies beside the project on some machines; whatever needs it is skipped elsewhere."""

from dtc_stack.settings import PROJECT_FOLDER

SHARED_DATA = PROJECT_FOLDER.parent / "shared" / "data"
