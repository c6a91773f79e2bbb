# `harcli serve` in a container: docs/serve.md tells how to build and run it. tests/packaging/test_dockerfile.py checks
# that what is named here exists.
#
#   docker build -t harcli .                                        for processors
#   docker build -t harcli:cuda --build-arg EXTRAS=serve,cuda .     for NVIDIA GPUs

ARG PYTHON=3.13

# The wheel, from the sdist, as a release has them.
FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY harcli harcli
COPY models models
RUN pip install --no-cache-dir build && python -m build --outdir /dist

FROM python:${PYTHON}-slim
ARG EXTRAS=serve
RUN --mount=type=bind,from=build,source=/dist,target=/dist \
    pip install --no-cache-dir "$(ls /dist/*.whl)[${EXTRAS}]"

# For NVIDIA's container runtime, which `docker run --gpus all` uses; without it they say nothing.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

# A number, so that Kubernetes can see that it is not root; its own folder is nothing but a place for caches.
RUN useradd --uid 10001 --create-home harcli
USER 10001
WORKDIR /home/harcli

EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

# All of the container's addresses: what can reach them is for `docker run --publish` to say. Further options follow the
# image's name there.
ENTRYPOINT ["harcli", "serve", "--host", "0.0.0.0", "--port", "8000"]
