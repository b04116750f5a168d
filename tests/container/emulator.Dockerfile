# Google Cloud Storage for tests.
FROM python:3.11-slim-bookworm
# fs, which the emulator keeps its files with, imports pkg_resources.
RUN pip install --no-cache-dir --root-user-action=ignore gcp-storage-emulator==2024.8.3 'setuptools<81'
CMD ["gcp-storage-emulator", "start", "--host", "0.0.0.0", "--port", "9023", "--in-memory", "--default-bucket", "personas"]
