"""Airflow 3: look first, then run; the exit code says what happened.

One task runs the whole grid: peil itself decides which panel-waves run, side by side, and resumes after a failure, so that
retries and a task a panel-wave would only repeat what it knows better.
"""

import subprocess

import pendulum
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

HOME = "/srv/monitor"
PEIL = [f"{HOME}/target/release/peil"]
PIPELINE = "pipelines/monitor.toml"

MEANING = {
    1: "refused by a gate; nothing published",
    2: "usage or configuration",
    3: "a delivery or folder cannot be read or written",
    4: "another run holds the lock",
    70: "a bug in peil",
    130: "interrupted",
}


def call(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([*PEIL, *arguments], cwd=HOME, text=True, capture_output=True, check=False)


@dag(schedule="15 6 * * 1-5", start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Amsterdam"), catchup=False, max_active_runs=1)
def monitor():
    @task
    def something_to_do() -> None:
        plan = call("plan", PIPELINE)
        print(plan.stdout, plan.stderr)
        if plan.returncode == 0:
            raise AirflowSkipException("nothing to do")
        if plan.returncode != 10:
            raise AirflowFailException(MEANING.get(plan.returncode, f"exit code {plan.returncode}"))

    @task(retries=0)
    def run() -> None:
        done = call("run", PIPELINE, "--log-format", "json")
        print(done.stderr)
        if done.returncode != 0:
            raise AirflowFailException(MEANING.get(done.returncode, f"exit code {done.returncode}"))

    @task
    def verify() -> None:
        done = call("verify")
        print(done.stderr)
        if done.returncode != 0:
            raise AirflowFailException("the release is not as its manifest says")

    something_to_do() >> run() >> verify()


monitor()
