package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.log.SyslogServer;

/**
 * The settings of the log.
 *
 * @param linesPerMinute of one kind about one device
 * @param syslog the server of {@link Target#SYSLOG}, or of the access log; null for none
 */
public record LogConfig(
    @Key(min = "1", max = "1000000") int linesPerMinute,
    Level level,
    Format format,
    @Key(
            refused = {
              @Refused(
                  words = {"journal", "systemd"},
                  why = "write journald"),
              @Refused(
                  words = {"file", "stderr"},
                  why = "redirect standard output, or use accessLog for sessions")
            })
        Target target,
    @Nullable Syslog syslog) {
  /** The least important lines. */
  public enum Level implements Labelled {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  /** The form of a line. */
  public enum Format implements Labelled {
    TEXT,
    JSON
  }

  /** Where lines go. */
  public enum Target implements Labelled {
    STDOUT,
    JOURNALD,
    SYSLOG
  }

  /**
   * A syslog server.
   *
   * @param trust a PEM file with the roots that verify its certificate; null for those of the Java
   *     runtime
   */
  @SchemaRules(
      """
      if: {required: [address], properties: {address: {pattern: '^(udp|unix):'}}}
      then: {properties: {trust: false}}
      """)
  public record Syslog(
      @Key(required = true, form = Address.class) SyslogServer.Address address,
      @Key(fallback = "daemon") SyslogServer.Facility facility,
      @Key(form = UpstreamConfig.Trust.class) @Nullable Path trust)
      implements Checked {
    @Override
    public void check(Section section) {
      if (section.has("address")
          && section.clean("address")
          && !(address instanceof SyslogServer.Address.Tls)) {
        section.refuse("trust", "only tls:// has a certificate; remove the key");
      }
    }
  }

  /** The address of a syslog server. */
  @Form.Rules(
      expected =
          "the address of a syslog server, such as tls://syslog.corp.example:6514,"
              + " udp://syslog.corp.example:514 or unix:/dev/log",
      pattern = "^((udp|tls)://[^/\\s?#@]+|unix:(//)?/[^/].*)$")
  static final class Address implements Form<SyslogServer.Address> {
    @Override
    public SyslogServer.Address parse(String text) {
      return SyslogServer.address(text);
    }
  }
}
