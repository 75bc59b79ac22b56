# syntax=docker/dockerfile:1
# The app on a CPU, for one user or a class: docs/deploy.md says how to run it. `docker build -t fusionarium .`
# CI, which has no daemon, runs these steps in a folder (tests/image.py).
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /env
COPY requirements.txt ./
COPY requirements ./requirements
RUN /env/bin/pip install --no-cache-dir --require-hashes -r requirements/locked.txt
RUN /env/bin/pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
RUN /env/bin/pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY core ./core
COPY dashboard ./dashboard
COPY fusionarium ./fusionarium
COPY assets ./assets
COPY .streamlit ./.streamlit
RUN /env/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .
RUN /env/bin/pip install --no-cache-dir --no-deps --no-index /wheel/*.whl

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 fusionarium && install -d -o fusionarium -g fusionarium /data
COPY --from=build /env /env
USER 1000
WORKDIR /data
# Runs, tokens and compiled kernels outlive the container.
ENV PATH=/env/bin:$PATH FUSIONARIUM_RUNS=/data/runs XDG_STATE_HOME=/data/state XDG_CACHE_HOME=/data/cache
VOLUME /data
EXPOSE 8501
# 401 asks for the class's token, and so says as well that the server lives.
HEALTHCHECK --start-period=30s CMD ["python", "-I", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8501, timeout=5); c.request('GET', '/_stcore/health'); exit(c.getresponse().status not in (200, 401))"]
ENTRYPOINT ["fusionarium"]
CMD ["--host", "0.0.0.0", "--no-browser"]
