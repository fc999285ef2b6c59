# Convscope as an image. Build: docker build -t convscope .
# Run: docker run --rm --read-only --tmpfs /tmp -p 8000:8000 convscope

FROM node:22-slim AS page
WORKDIR /src
COPY package.json .npmrc ./
RUN npm install --ignore-scripts
COPY tools/ tools/
COPY static/ static/
RUN node tools/build.js

FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Every package with its hash; tools/hashes.py writes both lists from the constraints.
COPY deploy/image.txt deploy/image-build.txt ./
RUN python -m venv /opt/convscope \
    && /opt/convscope/bin/pip install --require-hashes --only-binary :all: -r image.txt \
    && python -m pip install --require-hashes --only-binary :all: -r image-build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY tools/ tools/
COPY app/ app/
COPY static/ static/
COPY templates/ templates/
COPY --from=page /src/built/ built/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/convscope/bin/pip install --no-deps /wheels/*.whl \
    && /opt/convscope/bin/pip check \
    && /opt/convscope/bin/python -c "from convscope.web.assets import form_of; form_of('built')"

FROM python:3.13-slim
COPY --from=build /opt/convscope /opt/convscope
# The user has no home: uploads go where --tmpfs or a volume lies.
ENV PATH=/opt/convscope/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CONVSCOPE_UPLOADS=/tmp/uploads
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin convscope
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# As a list, so that the server is process 1 and is told to stop.
ENTRYPOINT ["convscope"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
