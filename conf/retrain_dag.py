"""Airflow (2.4 or later): retrains every night and treats each of Convoy's exit codes as what it means."""

import subprocess
from datetime import timedelta

import pendulum
from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException

# Plain spark-submit in cluster mode would know no exit codes but 0 and 1.
COMMAND = ["/opt/convoy/bin/convoy", "--master", "yarn", "retrain", "--conf", "/etc/convoy/retrain.conf"]


@dag(schedule="0 2 * * *", start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False, max_active_runs=1)
def convoy_retrain():
    @task(retries=3, retry_delay=timedelta(minutes=10))
    def retrain():
        code = subprocess.run(COMMAND, check=False).returncode
        if code == 4:
            # The old model stays: what follows a new one is skipped.
            raise AirflowSkipException("the candidate was kept back; the report says why")
        if code in (2, 3):
            raise AirflowFailException(f"exit code {code}: configuration or input must be put right, no retry helps")
        if code != 0:
            # 5: another run is at it. Anything else: the next try goes on where this one was cut off.
            raise AirflowException(f"exit code {code}")

    retrain()


convoy_retrain()
