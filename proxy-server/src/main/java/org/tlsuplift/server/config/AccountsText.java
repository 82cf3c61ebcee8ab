package org.tlsuplift.server.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The text of an accounts file, changed line by line so that comments stay. The caller parses the
 * result: a text with another layout may become invalid.
 */
final class AccountsText {
  private static final String HEAD =
      "# Device accounts; changed by 'tls-uplift accounts', and by hand.\naccounts:\n";
  private static final Pattern EMPTY = Pattern.compile("(?m)^accounts: *\\[ *] *(#.*)?$");
  private static final Pattern ITEM = Pattern.compile("(?m)^( *)- ");

  private AccountsText() {}

  static String of(List<SignInConfig.Account> accounts) {
    return accounts.isEmpty()
        ? HEAD.replace("accounts:\n", "accounts: []\n")
        : HEAD + accounts.stream().map(each -> item("  ", each)).collect(Collectors.joining());
  }

  /** Replaces, removes and appends accounts. */
  static String edited(String text, AccountsEditor.Edits edits) {
    if (text.isBlank()) {
      return of(edits.added());
    }
    String replaced = edits.replaced().isEmpty() ? text : replaced(text, edits.replaced());
    return edits.added().isEmpty() ? replaced : with(replaced, edits.added());
  }

  private static String with(String text, List<SignInConfig.Account> accounts) {
    Matcher first = ITEM.matcher(text);
    String indent = first.find() ? first.group(1) : "  ";
    String open = EMPTY.matcher(text).replaceFirst("accounts:");
    return open
        + (open.endsWith("\n") ? "" : "\n")
        + accounts.stream().map(each -> item(indent, each)).collect(Collectors.joining());
  }

  private static String replaced(
      String text, SortedMap<Integer, Optional<SignInConfig.Account>> replaced) {
    try {
      List<Node> items = items(new Yaml().compose(new StringReader(text)));
      if (replaced.lastKey() >= items.size()) {
        return text;
      }
      List<String> lines = new ArrayList<>(text.lines().toList());
      int left = items.size();
      for (int i = items.size() - 1; i >= 0; i--) {
        Optional<SignInConfig.Account> after = replaced.get(i);
        if (after != null) {
          Mark start = items.get(i).getStartMark();
          List<String> item = lines.subList(start.getLine(), lastLine(items.get(i)) + 1);
          item.clear();
          String indent = " ".repeat(Math.max(0, start.getColumn() - 2));
          after.ifPresent(account -> item.addAll(item(indent, account).lines().toList()));
          left -= after.isPresent() ? 0 : 1;
        }
      }
      String rest = String.join("\n", lines) + "\n";
      return left == 0 ? rest.replaceFirst("(?m)^accounts: *$", "accounts: []") : rest;
    } catch (YAMLException unusual) {
      return text;
    }
  }

  private static List<Node> items(Node root) {
    if (root instanceof MappingNode mapping) {
      for (NodeTuple each : mapping.getValue()) {
        if (each.getKeyNode() instanceof ScalarNode key
            && key.getValue().equals("accounts")
            && each.getValueNode() instanceof SequenceNode sequence) {
          return sequence.getValue();
        }
      }
    }
    return List.of();
  }

  /** A block ends where the next key begins, with comments between, so its last value decides. */
  private static int lastLine(Node node) {
    if (node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() == DumperOptions.FlowStyle.BLOCK) {
      int last = node.getStartMark().getLine();
      if (node instanceof MappingNode mapping) {
        for (NodeTuple each : mapping.getValue()) {
          last = Math.max(last, lastLine(each.getValueNode()));
        }
      } else if (node instanceof SequenceNode sequence) {
        for (Node each : sequence.getValue()) {
          last = Math.max(last, lastLine(each));
        }
      }
      return last;
    }
    return node.getEndMark().getLine();
  }

  private static String item(String indent, SignInConfig.Account account) {
    List<String> keys = new ArrayList<>();
    if (account.login() != null) {
      keys.add("login: " + quoted(account.login()));
      keys.add("passwordHash: " + quoted(String.valueOf(account.passwordHash())));
    }
    if (!account.devices().isEmpty()) {
      keys.add("devices: " + list(account.devices()));
    }
    keys.add("mailbox: " + quoted(account.mailbox()));
    if (account.tenant() != null) {
      keys.add("tenant: " + quoted(account.tenant()));
    }
    SignInConfig.Upstream upstream = account.upstream();
    if (upstream != null) {
      keys.add(
          "upstream: {origin: %s, user: %s, passwordFile: %s}"
              .formatted(
                  quoted(upstream.origin().toString()),
                  quoted(upstream.user()),
                  quoted(upstream.passwordFile().toString())));
    }
    if (!account.allowedSenders().isEmpty()) {
      keys.add("allowedSenders: " + list(account.allowedSenders()));
    }
    if (account.disabled()) {
      keys.add("disabled: true");
    }
    if (account.sendBy() != SignInConfig.SendBy.SMTP) {
      keys.add("sendBy: " + account.sendBy().label());
    }
    return indent + "- " + String.join("\n" + indent + "  ", keys) + "\n";
  }

  private static String list(List<?> values) {
    return values.stream()
        .map(each -> quoted(each.toString()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
