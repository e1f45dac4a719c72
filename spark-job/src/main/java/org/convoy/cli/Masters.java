package org.convoy.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.HAUtil;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.spark.SparkConf;
import org.convoy.runtime.UserError;

/**
 * Whether the cluster manager can be reached, asked before Spark asks: Spark would try for a minute on standalone, and for a quarter
 * of an hour on YARN, and then name a symptom.
 */
final class Masters {
    private static final int CONNECT_MILLISECONDS = 5_000;
    private static final String STANDALONE = "spark://";

    private Masters() {}

    /**
     * Connects to one of the masters, for a driver on the user's machine; in cluster mode the master has started it.
     *
     * @throws UserError (failed) if none answers
     */
    static void requireReachable(SparkConf conf) {
        String master = conf.get("spark.master");
        if (conf.get("spark.submit.deployMode", "client").equals("cluster")) {
            return;
        }
        if (master.startsWith(STANDALONE)) {
            require("[" + master + "] Cannot reach the Spark master", standalone(master));
        } else if (master.equals("yarn")) {
            require("[yarn] Cannot reach the ResourceManager", resourceManagers(new YarnConfiguration()));
        }
    }

    /** Of {@code spark://host:port,host:port}. */
    private static List<InetSocketAddress> standalone(String master) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String address : master.substring(STANDALONE.length()).split(",", -1)) {
            int colon = address.lastIndexOf(':');
            try {
                addresses.add(new InetSocketAddress(
                        address.substring(0, Math.max(0, colon)), Integer.parseInt(address.substring(colon + 1))));
            } catch (IllegalArgumentException e) {
                throw UserError.usage("spark.master must be spark://HOST:PORT but was " + master);
            }
        }
        return addresses;
    }

    private static List<InetSocketAddress> resourceManagers(YarnConfiguration yarn) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        if (HAUtil.isHAEnabled(yarn)) {
            for (String id : HAUtil.getRMHAIds(yarn)) {
                Configuration one = new Configuration(yarn);
                one.set(YarnConfiguration.RM_HA_ID, id);
                addresses.add(new YarnConfiguration(one)
                        .getSocketAddr(
                                YarnConfiguration.RM_ADDRESS,
                                YarnConfiguration.DEFAULT_RM_ADDRESS,
                                YarnConfiguration.DEFAULT_RM_PORT));
            }
        } else {
            addresses.add(yarn.getSocketAddr(
                    YarnConfiguration.RM_ADDRESS,
                    YarnConfiguration.DEFAULT_RM_ADDRESS,
                    YarnConfiguration.DEFAULT_RM_PORT));
        }
        return addresses;
    }

    private static void require(String problem, List<InetSocketAddress> addresses) {
        List<String> reasons = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            try (Socket socket = new Socket()) {
                if (address.isUnresolved()) {
                    throw new IOException("unknown host");
                }
                socket.connect(address, CONNECT_MILLISECONDS);
                return;
            } catch (IOException e) {
                reasons.add(address.getHostString() + ":" + address.getPort() + " " + e.getMessage());
            }
        }
        throw UserError.failed(
                problem + ": " + String.join("; ", reasons) + "; is it running, and is that its address?");
    }
}
