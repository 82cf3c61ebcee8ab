package org.tlsuplift.server.daemon;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;

/**
 * Reloads the configuration of a running daemon. One reload runs at a time, and the others wait.
 * Blocks, so it is not for event loops.
 */
public final class Reloader {
  private static final Logger log = LoggerFactory.getLogger(Reloader.class);

  private final Components components;
  private final Source source;

  /** Where a reload gets the configuration. */
  public interface Source {
    /**
     * Loads and checks the configuration, as at the start.
     *
     * @throws InvalidConfigException if it has errors
     */
    LoadedConfig load() throws InvalidConfigException;
  }

  public Reloader(Components components, Source source) {
    this.components = components;
    this.source = source;
    components.reloadWith(this);
  }

  /**
   * Loads the configuration, and gives it to new sessions. If there is any problem, the running
   * configuration stays in use.
   *
   * @param trigger the cause of the reload, for the log
   */
  public synchronized ReloadResult reload(String trigger) {
    ReloadResult result = attempt();
    if (!result.isApplied()) {
      components.refused(result.problems());
      log.error(
          "{}: the configuration was not reloaded, and the running one stays in use; problems: {}",
          trigger,
          result.problems().size());
      result.problems().forEach(problem -> log.error("{}", problem));
    } else if (result.changed().isEmpty()) {
      log.info("{}: configuration reloaded; no key has changed, and its files were read", trigger);
    } else {
      log.info(
          "{}: configuration reloaded; changed: {}", trigger, String.join(", ", result.changed()));
    }
    return result;
  }

  /** What a reload would change, or its problems. Changes nothing. */
  ReloadResult preview() {
    try {
      return components.preview(source.load());
    } catch (InvalidConfigException invalid) {
      return ReloadResult.refused(invalid.lines());
    }
  }

  private ReloadResult attempt() {
    try {
      LoadedConfig next = source.load();
      List<String> changed = components.reload(next, log::info);
      next.warnings().forEach(warning -> log.warn("{}", warning.in(next.source())));
      return ReloadResult.applied(changed);
    } catch (InvalidConfigException invalid) {
      return ReloadResult.refused(invalid.lines());
    } catch (OperatorException | IllegalStateException | IllegalArgumentException failed) {
      return ReloadResult.refused(List.of(String.valueOf(failed.getMessage())));
    }
  }
}
