package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.NamedFiles;

/** Everything that makes a running daemon reload its configuration. */
public final class ReloadTriggers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReloadTriggers.class);

  private final Reloader reloader;
  private final @Nullable ReloadSocket socket;
  private final Schedule schedule;

  private ReloadTriggers(Reloader reloader, @Nullable ReloadSocket socket, Schedule schedule) {
    this.reloader = reloader;
    this.socket = socket;
    this.schedule = schedule;
  }

  /**
   * Starts accepting requests.
   *
   * @param watched the configuration file if its content is watched, or null
   */
  public static ReloadTriggers start(
      Components components, Reloader reloader, @Nullable Path watched) {
    Schedule schedule = components.schedule().part();
    if (watched != null) {
      watch(components, reloader, watched).start(schedule);
    }
    return new ReloadTriggers(reloader, socket(components, reloader, schedule), schedule);
  }

  private static ConfigWatch watch(Components components, Reloader reloader, Path file) {
    return new ConfigWatch(
        () -> {
          List<Path> files = new ArrayList<>(List.of(file));
          files.addAll(NamedFiles.of(components.config()));
          return files;
        },
        () -> {
          var unused = reloader.reload("a file has changed");
        });
  }

  /** A daemon without a socket works, and can be reloaded by SIGHUP. */
  private static @Nullable ReloadSocket socket(
      Components components, Reloader reloader, Schedule schedule) {
    Path file = ReloadSocket.of(components.config().dataDirectory());
    try {
      return ReloadSocket.open(
          file, () -> reloader.reload("tls-uplift reload"), components::adminAddress, schedule);
    } catch (IOException failed) {
      log.warn(
          "{}: the socket for 'tls-uplift reload' cannot be opened ({}); SIGHUP reloads too",
          file,
          failed.getMessage());
      return null;
    }
  }

  /** The signal for a reload has arrived. Blocks until the reload has ended. */
  public void signalled() {
    var unused = reloader.reload("SIGHUP");
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
    schedule.close();
  }
}
