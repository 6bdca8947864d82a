# The image of every process of the portal: web, workers, beat and the one-off commands differ by their command only.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends gettext && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements-build.txt requirements.txt ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements-build.txt \
    && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --use-pep517 --no-build-isolation -r requirements.txt \
    && /venv/bin/pip uninstall -y setuptools pip
COPY . .
RUN set -eu; for po in locale/*/LC_MESSAGES/*.po; do msgfmt --check-format -o "${po%.po}.mo" "$po"; done
# The settings insist on values that this command does not use.
RUN DATA_DIR=/srv/portal DATABASE_URL=postgresql:///none REDIS_URL=redis://none SMS_BACKEND=memory \
    SECRET_KEY=collecting-static-files-needs-no-secret-but-the-settings-do \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal /run/portal /srv/portal \
    # new volumes take their owner from here
    /run/handed-out/key /run/handed-out/database /run/handed-out/owner /run/handed-out/superuser \
    /run/handed-out/broker /run/handed-out/redis /run/portal/sso_keys
COPY --from=build /venv /venv
COPY --from=build --chown=portal:portal /srv/portal /srv/portal
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/srv/portal
USER portal
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
