# What jobs need except the checkout: the Python packages of pyproject.toml, and plink2.
# How to build it, run in it and turn it into an Apptainer image: docs/cluster.md.
FROM python:3.11-slim-trixie

WORKDIR /opt/genosynth

COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && pip install --no-cache-dir --requirement requirements.txt

COPY tools/get_plink2.sh tools/
COPY workflow/scripts/check_plink2.sh workflow/scripts/
RUN tools/get_plink2.sh
ENV PATH=/opt/genosynth/.tools/bin:$PATH
