package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shipped examples of {@code config/nftables}, adapted as an operator would. */
public record NftRules(String name, String text) {
  private static final Pattern IP = Pattern.compile("(?m)^# +ip (-[46] .*)$");

  public static NftRules shipped(String name) {
    try {
      return new NftRules(name, Files.readString(file(name)));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public static Path file(String name) {
    return Path.of("..", "config", "nftables", name + ".nft").toAbsolutePath().normalize();
  }

  /** These rules with another value of a {@code define}. */
  public NftRules with(String define, String value) {
    Matcher line = Pattern.compile("(?m)^define " + define + " = .*$").matcher(text);
    if (!line.find()) {
      throw new AssertionError(name + ".nft has no 'define " + define + "'");
    }
    return new NftRules(
        name, line.replaceFirst(Matcher.quoteReplacement("define " + define + " = " + value)));
  }

  public void load(Lab lab, Namespace machine) {
    Path file = lab.file(name + ".nft", text);
    machine.run(Peers.requireNft(), "-f", file.toString());
  }

  /** Runs the commands for {@code ip} that its head names. */
  public void route(Namespace machine) {
    List<String> commands = IP.matcher(text).results().map(found -> found.group(1)).toList();
    if (commands.isEmpty()) {
      throw new AssertionError(name + ".nft names no commands for ip");
    }
    commands.forEach(command -> machine.ip(command.split(" ")));
  }
}
