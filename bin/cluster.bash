# bin/convoy cluster: a real development cluster on this machine. HDFS with a NameNode and three DataNodes, Spark with a
# master, two workers and a history server, and YARN on request, each a process of its own on loopback addresses, all from
# Maven artifacts. bin/convoy sources this file.
#
# A daemon of the cluster has run/NAME.pid, logs/NAME.log and the option -Dconvoy.daemon=DIRECTORY/NAME.

cluster=$(readlink -m -- "${CONVOY_CLUSTER:-$root/out/cluster}")
libraries=$root/out/cluster/lib
cluster_conf=$cluster/conf
templates=$root/conf/cluster
readonly START_SECONDS=180

cluster_usage() {
  cat <<'USAGE'
Usage: bin/convoy cluster start [--yarn]     start what does not run; ready when it returns
       bin/convoy cluster status             a line per daemon; exit code 1 unless all are well
       bin/convoy cluster stop [--purge]     end all of it; --purge deletes data and logs too
       bin/convoy cluster submit [SPARK-SUBMIT-OPTION ...] COMMAND ...
                                             run a command of Convoy on it; with --master yarn, on its YARN
       bin/convoy cluster fs -put FILE ... PATH, -ls PATH, ...
                                             Hadoop's file system shell on its HDFS
A development cluster on loopback: HDFS (NameNode, 3 DataNodes), Spark standalone (master, 2 workers), history server, and with
--yarn ResourceManager and NodeManager. Environment:
  CONVOY_CLUSTER        its directory; out/cluster if not given. Clusters in different directories run side by side.
  CONVOY_CLUSTER_PORT   the first of its ten ports; if not given, the first ten from 20000 that are free at its first start
USAGE
}

# fetch_libraries: what the daemons consist of, once per version.
fetch_libraries() {
  local spark hadoop
  spark=$(version_of spark) hadoop=$(version_of hadoop)
  [[ $(cat "$libraries/versions" 2>/dev/null) != "$spark $hadoop" ]] || return 0
  command -v mvn >/dev/null || fail 'needs Maven to fetch the daemons and found no mvn on PATH.'
  echo "Fetching the daemons (once): Spark $spark, Hadoop $hadoop" >&2
  rm -rf "$libraries"
  mkdir -p "$libraries/spark/bin" "$libraries/hadoop/webapps"/{hdfs,datanode}
  copy_jars spark "$libraries/spark/jars"
  copy_jars hadoop "$libraries/hadoop/jars"
  cp "$templates/spark-submit" "$libraries/spark/bin/"
  echo "$spark $hadoop" >"$libraries/versions"
}

version_of() {
  sed -n "s|^ *<$1\.version>\(.*\)</$1\.version>|\1|p" "$root/pom.xml"
}

copy_jars() {
  mvn -B -ntp -f "$templates/pom.xml" -P"$1" -Dspark.version="$(version_of spark)" -Dhadoop.version="$(version_of hadoop)" \
    -Dscala.binary.version="$(version_of scala.binary)" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$2" >"$libraries/$1.log" 2>&1 ||
    fail "the daemons could not be fetched; $libraries/$1.log says why"
}

# ports: the cluster's ports by name. They stay the same as long as its data.
ports() {
  local -i first
  [[ -s $cluster_conf/port ]] || { choose_port >"$cluster_conf/port.new" && mv "$cluster_conf/port.new" "$cluster_conf/port"; }
  first=$(<"$cluster_conf/port")
  namenode_port=$first namenode_page=$((first + 1)) master_port=$((first + 2)) master_page=$((first + 3))
  history_page=$((first + 4)) resourcemanager_port=$((first + 5)) resourcemanager_page=$((first + 9))
}

choose_port() {
  local -i first offset
  [[ -z ${CONVOY_CLUSTER_PORT:-} ]] || { echo "$CONVOY_CLUSTER_PORT" && return; }
  for ((first = 20000; first < 30000; first += 10)); do
    for ((offset = 0; offset < 10; offset++)); do
      ! answers $((first + offset)) || continue 2
    done
    echo "$first"
    return
  done
  fail 'found no ten free ports between 20000 and 30000; name others with CONVOY_CLUSTER_PORT.'
}

answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# page PORT PATH: what a daemon's page says, nothing if there is none.
page() {
  timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.0\r\nAccept: application/json\r\n\r\n" "$1" >&3 && cat <&3' \
    "$1" "$2" 2>/dev/null || true
}

# What Hadoop and Spark read: configuration files with this cluster's directories and ports.
write_configuration() {
  local file
  local -i mebibytes
  mebibytes=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  for file in "$templates"/*.xml; do
    [[ $file != */pom.xml ]] || continue
    sed -e "s|@DATA@|$cluster/data|; s|@LOGS@|$cluster/logs|; s|@YARN_MEBIBYTES@|$((mebibytes / 2))|" \
      -e "s|@NAMENODE@|$namenode_port|; s|@NAMENODE_PAGE@|$namenode_page|" \
      -e "s|@RESOURCEMANAGER@|$resourcemanager_port|; s|@RESOURCEMANAGER_SCHEDULER@|$((resourcemanager_port + 1))|" \
      -e "s|@RESOURCEMANAGER_TRACKER@|$((resourcemanager_port + 2))|" \
      -e "s|@RESOURCEMANAGER_ADMIN@|$((resourcemanager_port + 3))|; s|@RESOURCEMANAGER_PAGE@|$resourcemanager_page|" \
      "$file" >"$cluster_conf/${file##*/}"
  done
  cp "$templates/log4j.properties" "$cluster_conf/"
  # Workers count heaps alone, and an executor takes twice its heap: the two workers' executors take half of the machine in all.
  worker_mebibytes=$((mebibytes / 8))
  spark_properties standalone "spark.master spark://127.0.0.1:$master_port" "spark.cores.max $(nproc)"
  spark_properties yarn 'spark.master yarn' "spark.yarn.jars local:$libraries/spark/jars/*" \
    'spark.yarn.submit.file.replication 1' 'spark.yarn.appMasterEnv.SPARK_LOCAL_IP 127.0.0.1' \
    'spark.executorEnv.SPARK_LOCAL_IP 127.0.0.1'
}

# spark_properties KIND LINE ...: conf/spark-KIND.properties, and what holds for this cluster alone.
spark_properties() {
  {
    cat "$root/conf/spark-$1.properties"
    printf '\n# Of this development cluster.\n'
    printf '%s\n' "${@:2}" 'spark.eventLog.enabled true' "spark.eventLog.dir hdfs://127.0.0.1:$namenode_port/spark-logs"
  } >"$cluster_conf/spark-$1.properties"
}

# launch NAME CLASS-PATH JVM-OPTION ... CLASS ARGUMENT ...: a daemon, unless it runs. The serial collector and one compiler
# keep it small.
launch() {
  local name=$1 class_path=$2
  shift 2
  ! runs "$name" || return 0
  (
    cd "$cluster"
    exec setsid "$JAVA_HOME/bin/java" "-Dconvoy.daemon=$cluster/$name" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
      --add-opens=java.base/java.lang=ALL-UNNAMED -cp "$class_path" "$@" \
      </dev/null >>"$cluster/logs/$name.log" 2>&1 {cluster_lock}<&-
  ) &
  echo $! >"$cluster/run/$name.pid"
}

# runs NAME: whether the daemon's process is there, and is the daemon's.
runs() {
  local pid
  pid=$(cat "$cluster/run/$1.pid" 2>/dev/null) && [[ -n $pid ]] &&
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "-Dconvoy.daemon=$cluster/$1"
}

launch_daemon() {
  local hadoop=$cluster_conf:$libraries/hadoop:$libraries/hadoop/jars/* spark=$cluster_conf:$SPARK_HOME/jars/*
  case $1 in
    namenode)
      if [[ ! -s $cluster/data/namenode/current/VERSION ]]; then
        "$JAVA_HOME/bin/java" -Xmx256m -cp "$hadoop" org.apache.hadoop.hdfs.server.namenode.NameNode -format -force \
          -nonInteractive >>"$cluster/logs/namenode.log" 2>&1 || fail "HDFS could not be formatted; $cluster/logs/namenode.log says why"
      fi
      launch "$1" "$hadoop" org.apache.hadoop.hdfs.server.namenode.NameNode
      ;;
    datanode*)
      launch "$1" "$hadoop" org.apache.hadoop.hdfs.server.datanode.DataNode -D "dfs.datanode.data.dir=file://$cluster/data/$1"
      ;;
    master)
      launch "$1" "$spark" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$master_port" --webui-port "$master_page"
      ;;
    worker*)
      # An application's files, the jar among them, stay in the worker's directory until it cleans up. There is a core beside the
      # machine's own for a driver in cluster mode, which computes little; spark.cores.max leaves it to it.
      launch "$1" "$spark" -Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.interval=300 \
        -Dspark.worker.cleanup.appDataTtl=600 org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 \
        --cores $((($(nproc) + 1) / 2 + 1)) --memory "${worker_mebibytes}m" --work-dir "$cluster/work/$1" \
        "spark://127.0.0.1:$master_port"
      ;;
    history)
      launch "$1" "$spark" "-Dspark.history.ui.port=$history_page" \
        "-Dspark.history.fs.logDirectory=hdfs://127.0.0.1:$namenode_port/spark-logs" \
        org.apache.spark.deploy.history.HistoryServer
      ;;
    resourcemanager)
      launch "$1" "$hadoop" org.apache.hadoop.yarn.server.resourcemanager.ResourceManager
      ;;
    nodemanager)
      launch "$1" "$hadoop" org.apache.hadoop.yarn.server.nodemanager.NodeManager
      ;;
  esac
}

# What the cluster consists of: YARN too where it was started.
daemons() {
  echo namenode datanode1 datanode2 datanode3 master worker1 worker2
  [[ ! -e $cluster/run/yarn ]] || echo resourcemanager nodemanager
  echo history
}

# trouble: what keeps the cluster from being well, a line each; nothing if it is.
trouble() {
  local name live
  for name in $(daemons); do
    runs "$name" || echo "$name is not running; $cluster/logs/$name.log may say why"
  done
  trouble_of_hdfs
  live=$(page "$master_page" /json/ | sed -n 's/.*"aliveworkers" : \([0-9]*\).*/\1/p')
  [[ -n $live ]] || echo 'the Spark master does not answer'
  [[ -z $live || $live == 2 ]] || echo "the Spark master knows $live of 2 workers"
  answers "$history_page" || echo 'the history server does not answer'
  if [[ -e $cluster/run/yarn ]]; then
    live=$(page "$resourcemanager_page" /ws/v1/cluster/metrics | sed -n 's/.*"activeNodes":\([0-9]*\).*/\1/p')
    [[ -n $live ]] || echo 'the ResourceManager does not answer'
    [[ -z $live || $live == 1 ]] || echo "the ResourceManager knows $live of 1 NodeManager"
  fi
}

trouble_of_hdfs() {
  local namenode live
  namenode=$(page "$namenode_page" '/jmx?qry=Hadoop:service=NameNode,name=*')
  live=$(sed -n 's/.*"NumLiveDataNodes" : \([0-9]*\).*/\1/p' <<<"$namenode" | head -n 1)
  [[ -n $live ]] || echo 'the NameNode does not answer'
  [[ -z $live || $live == 3 ]] || echo "the NameNode knows $live of 3 DataNodes"
  ! grep -q '"Safemode" : "[^"]' <<<"$namenode" || echo 'HDFS is in safe mode'
}

# await TROUBLE: until nothing is wrong any more; a daemon that has ended by itself won't come.
await() {
  local name problems
  while problems=$("$1") && [[ -n $problems ]]; do
    for name in $(daemons); do
      [[ ! -e $cluster/run/$name.pid ]] || runs "$name" ||
        fail "$name did not start; the end of $cluster/logs/$name.log:" "$(tail -n 5 "$cluster/logs/$name.log")"
    done
    ((SECONDS - started < START_SECONDS)) || fail "the cluster is not ready after $START_SECONDS s:" "$problems"
    (((SECONDS - started) % 5)) || printf 'Starting the cluster: %d s, %s\n' $((SECONDS - started)) "$(head -n 1 <<<"$problems")" >&2
    sleep 1
  done
}

cluster_start() {
  local name
  local -i started
  case "${1:-} $#" in
    ' 0' | '--yarn 1') ;;
    *) cluster_usage >&2 && exit 2 ;;
  esac
  fetch_libraries
  started=$SECONDS
  mkdir -p "$cluster"/{conf,data,logs,run,work}
  exec {cluster_lock}>"$cluster/run/lock"
  flock "$cluster_lock"
  [[ $# == 0 ]] || touch "$cluster/run/yarn"
  ports
  write_configuration
  for name in $(daemons); do
    runs "$name" || rm -f "$cluster/run/$name.pid"
    [[ $name == history ]] || launch_daemon "$name"
  done
  # The history server wants its directory, which HDFS must have.
  await trouble_of_hdfs
  cluster_fs -mkdir -p /spark-logs
  cluster_fs -chmod 1777 /spark-logs
  launch_daemon history
  await trouble
  exec {cluster_lock}>&-
  printf 'The cluster is ready after %d s.\n' $((SECONDS - started))
  cluster_status
}

cluster_status() {
  local name state problems
  [[ -s $cluster_conf/port && -n $(ls "$cluster"/run/*.pid 2>/dev/null) ]] || { echo 'No cluster is running.' && return 1; }
  ports
  for name in $(daemons); do
    state=dead
    ! runs "$name" || state="process $(<"$cluster/run/$name.pid")"
    printf '%-16s %-16s %s\n' "$name" "$state" "$(address_of "$name")"
  done
  printf '\n%s\n' "Logs: $cluster/logs. For spark-submit and other programs of yours:"
  echo "export SPARK_HOME=$SPARK_HOME HADOOP_CONF_DIR=$cluster_conf SPARK_LOCAL_IP=127.0.0.1"
  problems=$(trouble)
  if [[ -n $problems ]]; then
    printf '\n%s\n' 'The cluster is not well (bin/convoy cluster start starts what is missing):' "$problems"
    return 1
  fi
}

address_of() {
  case $1 in
    namenode) echo "hdfs://127.0.0.1:$namenode_port  http://127.0.0.1:$namenode_page" ;;
    master) echo "spark://127.0.0.1:$master_port  http://127.0.0.1:$master_page" ;;
    history) echo "http://127.0.0.1:$history_page" ;;
    resourcemanager) echo "http://127.0.0.1:$resourcemanager_page" ;;
  esac
}

# Drivers and executors run below the workers' and the NodeManager's directories, and outlive one that was killed.
processes_of_applications() {
  local process directory
  for process in /proc/[0-9]*; do
    directory=$(readlink "$process/cwd" 2>/dev/null) || continue
    [[ $(readlink "$process/exe" 2>/dev/null) == */java ]] || continue
    case $directory in
      "$cluster"/work/* | "$cluster"/data/nodemanager/*) echo "${process#/proc/}" ;;
    esac
  done
}

cluster_stop() {
  local name pid
  local -i deadline=$((SECONDS + 20))
  local -a pids=()
  case "${1:-} $#" in
    ' 0' | '--purge 1') ;;
    *) cluster_usage >&2 && exit 2 ;;
  esac
  for name in $(daemons); do
    ! runs "$name" || pids+=("$(<"$cluster/run/$name.pid")")
  done
  if ((${#pids[@]} > 0)); then
    kill "${pids[@]}" 2>/dev/null || true
    for pid in "${pids[@]}"; do
      while [[ -e /proc/$pid ]] && ((SECONDS < deadline)); do sleep 0.2; done
    done
    kill -9 "${pids[@]}" 2>/dev/null || true
  fi
  while read -r pid; do kill -9 "$pid" 2>/dev/null || true; done < <(processes_of_applications)
  rm -rf "$cluster"/{run,work}
  [[ ${1:-} != --purge ]] || rm -rf "$cluster"/{conf,data,logs}
  echo "The cluster is stopped (${#pids[@]} daemons)."
}

cluster_submit() {
  local kind=standalone
  [[ -s $cluster_conf/port ]] || fail 'no cluster is running; start one: bin/convoy cluster start'
  [[ " $* " != *' --master'[\ =]'yarn '* ]] || kind=yarn
  run_on_cluster --properties-file "$cluster_conf/spark-$kind.properties" "$@"
}

cluster_fs() {
  "$JAVA_HOME/bin/java" -Xmx256m -cp "$cluster_conf:$libraries/hadoop/jars/*" org.apache.hadoop.fs.FsShell "$@"
}

run_cluster() {
  export SPARK_HOME=$libraries/spark HADOOP_CONF_DIR=$cluster_conf SPARK_LOCAL_IP=127.0.0.1 SPARK_SCALA_VERSION=2.12
  case ${1:-} in
    start | stop | status | submit | fs) "cluster_$1" "${@:2}" ;;
    -h | --help) cluster_usage ;;
    *) cluster_usage >&2 && exit 2 ;;
  esac
}
