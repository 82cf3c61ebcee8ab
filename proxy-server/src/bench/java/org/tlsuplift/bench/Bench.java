package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.MailVisit;
import org.tlsuplift.bench.load.Origin;

/** Starts everything, measures row by row, and prints the table. Run by bench.sh. */
final class Bench {
  private Bench() {}

  /** Takes its settings from the environment. */
  public static void main(String[] arguments) throws Exception {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    Settings settings = Settings.fromEnvironment();
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    List<Row> rows = new ArrayList<>();
    try {
      for (Origin.Speaks speaks : Origin.Speaks.values()) {
        if (!settings.rows(speaks).isEmpty()) {
          measure(settings, loops, speaks, rows);
        }
      }
      if (!settings.costRows().isEmpty()) {
        new CostRows(settings, loops, Origins.start(loops, Origin.Speaks.REQUESTS)).measure(rows);
      }
      if (!settings.guardRows().isEmpty()) {
        new GuardRows(settings, loops, Origins.start(loops, Origin.Speaks.SMTP)).measure(rows);
      }
      if (settings.rows().contains(Settings.POST_QUANTUM)) {
        for (KeyExchange keyExchange : KeyExchange.values()) {
          measure(settings, loops, keyExchange, rows);
        }
      }
      if (!settings.scaleRows().isEmpty()) {
        new ScaleRows(settings, loops, Origins.start(loops, Origin.Speaks.REQUESTS)).measure(rows);
      }
    } finally {
      print(rows, settings);
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).await();
    }
  }

  private static void measure(
      Settings settings, EventLoopGroup loops, Origin.Speaks speaks, List<Row> rows)
      throws Exception {
    Origins origins = Origins.start(loops, speaks);
    Contestants contestants = new Contestants(settings, speaks, origins.ports());
    try (Contestant peer = contestants.peer();
        Contestant uplift = contestants.uplift()) {
      RateRows rates = new RateRows(settings, loops, origins, peer, uplift);
      rates.refuseRogueOrigin(speaks == Origin.Speaks.SMTP ? MailVisit.LEAVE : Exchange.ONE_BYTE);
      rates.measure(speaks, rows);
    }
    new MemoryRows(settings, loops, contestants).measure(speaks, rows);
    new StartRows(settings, loops, contestants).measure(speaks, rows);
  }

  private static void measure(
      Settings settings, EventLoopGroup loops, KeyExchange keyExchange, List<Row> rows)
      throws Exception {
    Origins origins = Origins.start(loops, keyExchange);
    Contestants contestants = new Contestants(settings, origins.ports(), keyExchange);
    try (Contestant peer = contestants.peer();
        Contestant uplift = contestants.uplift()) {
      RateRows rates = new RateRows(settings, loops, origins, peer, uplift);
      rates.refuseRogueOrigin(Exchange.ONE_BYTE);
      rates.measure(keyExchange, rows);
    }
  }

  private static void print(List<Row> rows, Settings settings) throws Exception {
    StringBuilder csv =
        new StringBuilder(
            "row,round,proxy,value,unit,work,errors,device_resumed,upstream_resumed\n");
    StringBuilder table = new StringBuilder();
    String peer = "";
    for (Row row : rows) {
      if (!row.peer().equals(peer)) {
        peer = row.peer();
        table.append(Row.header(peer)).append('\n');
      }
      csv.append(row.csv());
      table.append(row.markdown()).append('\n');
    }
    table.append('\n').append(Machine.describe(settings)).append('\n');
    Files.writeString(Path.of("rounds.csv"), csv);
    Files.writeString(Path.of("table.md"), table);
    System.out.println("\n" + table);
    System.out.println("Rounds: " + Path.of("rounds.csv").toAbsolutePath());
  }
}
