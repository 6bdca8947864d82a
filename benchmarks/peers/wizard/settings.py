from benchmarks.peers.common import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.wizard.urls"
INSTALLED_APPS = ["formtools", "benchmarks.peers.wizard"]
