package org.tlsuplift.server.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.HasPages;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.feature.HasConditions;
import org.tlsuplift.server.feature.Part;
import org.tlsuplift.server.feature.Running;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.process.OpenedResources;

/**
 * The features of a daemon: one loop over their list, in the order of dependency. One thread
 * changes the configuration at a time.
 */
final class RunningFeatures {
  private final List<Entry<?>> all;
  private volatile List<Part> current = List.of();

  RunningFeatures(List<Entry<?>> all) {
    this.all = List.copyOf(all);
  }

  /**
   * A feature.
   *
   * @param section what a configuration says about it
   */
  record Entry<C>(Running<C> feature, Function<ServerConfig, C> section) {
    private Part prepare(ServerConfig config, OpenedResources undo) throws OperatorException {
      return feature.prepare(section.apply(config), undo);
    }
  }

  /** The parts of one configuration, which is not in use yet. */
  record Prepared(List<Part> parts) {
    /** Gives the listeners what the features have for them. */
    ResolvedConfig into(ResolvedConfig resolved) {
      return resolved.with(this::contribute);
    }

    /** No session uses it now, and none will. */
    void release() {
      parts.forEach(Part::release);
    }

    private ListenerSpec contribute(ListenerSpec listener) {
      ListenerSpec made = listener;
      for (Part part : parts) {
        made = part.contribute(made);
      }
      return made;
    }
  }

  /**
   * Opens what a configuration needs.
   *
   * @param undo gets what must be closed if that configuration is not used
   */
  Prepared prepare(ServerConfig config, OpenedResources undo) throws OperatorException {
    List<Part> parts = new ArrayList<>();
    for (Entry<?> each : all) {
      parts.add(each.prepare(config, undo));
    }
    return new Prepared(List.copyOf(parts));
  }

  /** Uses a configuration from now on. */
  void commit(Prepared next) {
    List<Part> before = current;
    for (int i = 0; i < all.size(); i++) {
      if (!before.isEmpty()) {
        before.get(i).supersede();
      }
      next.parts.get(i).commit();
    }
    current = next.parts;
  }

  void start() {
    all.forEach(each -> each.feature.start());
  }

  /** Finishes the work of all features, side by side. */
  void drain(Duration limit) {
    all.parallelStream().forEach(each -> each.feature.drain(limit));
  }

  void close() {
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).feature.close();
    }
  }

  List<Condition> conditions() {
    return having(HasConditions.class).flatMap(each -> each.conditions().stream()).toList();
  }

  List<FeaturePages> pages() {
    return having(HasPages.class).map(HasPages::pages).toList();
  }

  private <F> Stream<F> having(Class<F> face) {
    return all.stream().map(Entry::feature).filter(face::isInstance).map(face::cast);
  }
}
