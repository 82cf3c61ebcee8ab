package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing but the sender changes in any message. */
class GeneratedMessagesTest {
  private static final int MESSAGES = 1000;
  private static final String NEW = "scanner@contoso.example";

  /** A field before and after it was rewritten. */
  private record Change(String before, String after) {}

  /** Generates one message, and the same message with another sender. */
  private static final class Generator {
    private final Random random;
    private final boolean replies;
    private final StringBuilder before = new StringBuilder();
    private final StringBuilder after = new StringBuilder();

    Generator(Random random, boolean replies) {
      this.random = random;
      this.replies = replies;
    }

    private int upTo(int most) {
      return random.nextInt(most + 1);
    }

    private String one(String... of) {
      return of[random.nextInt(of.length)];
    }

    private String word() {
      StringBuilder word = new StringBuilder();
      for (int i = 1 + upTo(8); i > 0; i--) {
        word.append("abcdefghijklmnopqrstuvwxyz0123456789-_.".charAt(upTo(37)));
      }
      return word.append('z').toString();
    }

    private String address() {
      return word() + "@" + word() + ".example";
    }

    private String fold() {
      return one(" ", " ", " ", "\r\n ", "\r\n\t", "\r\n  ");
    }

    private String words() {
      StringBuilder words = new StringBuilder(word());
      for (int i = upTo(6); i > 0; i--) {
        words.append(fold()).append(one(word(), "=?utf-8?B?w7w=?=", "(" + word() + ")", "\u00e4"));
      }
      return words.toString();
    }

    private String name() {
      return one(
          word(),
          word() + fold() + word(),
          "\"" + word() + ", <" + word() + "@" + word() + ">\"",
          "\"" + word() + " \\\" (" + word() + "\"",
          "=?iso-8859-1?Q?M=FCller?=",
          "=?utf-8?B?w7w=?=" + fold() + "=?utf-8?B?w6Q=?=",
          word() + " (" + word() + " <x@y> \\) " + word() + ")",
          "J\u00f6rg " + word());
    }

    /** A From or Sender field. */
    private Change sender(String field) {
      String start = one(field, field.toLowerCase(java.util.Locale.ROOT)) + one("", "", " ") + ":";
      String name = name();
      String comment = "(" + word() + " (" + word() + "))";
      String gap = one(" ", " ", "  ", "\r\n ");
      return switch (upTo(6)) {
        case 0 -> new Change(start + gap + address(), start + " " + NEW);
        case 1 -> new Change(start + gap + "<" + address() + ">", start + gap + "<" + NEW + ">");
        case 2 ->
            new Change(
                start + gap + address() + fold() + comment, start + " " + NEW + " " + comment);
        case 3 ->
            new Change(
                start + gap + name + " <" + address() + ">, " + name() + " <" + address() + ">",
                start + gap + name + " <" + NEW + ">");
        case 4 -> new Change(start + gap + address() + "," + fold() + address(), start + " " + NEW);
        default -> {
          String space = fold();
          yield new Change(
              start + gap + name + space + "<" + address() + ">",
              start + gap + name + space + "<" + NEW + ">");
        }
      };
    }

    private void both(String text) {
      before.append(text);
      after.append(text);
    }

    private String field() {
      return one(
              "Received: from " + word() + " by " + word() + ";\r\n\tFri, 27 Nov 2026",
              "Subject: " + words(),
              "To: " + words() + " <" + address() + ">,\r\n " + address(),
              "Date: Fri, 27 Nov 2026 09:29:57 +0000",
              "Message-ID: <" + address() + ">",
              "MIME-Version: 1.0",
              "Content-Type: multipart/mixed;\r\n boundary=\"=_" + word() + "\"",
              "X-" + word().replaceAll("[._]", "-") + ":" + words(),
              "Resent-From: " + address(),
              "X-Sender: " + address(),
              "From-" + word().replaceAll("[._]", "-") + ": " + address(),
              "..Dotted: " + word(),
              "X-Empty:",
              "X-Long: " + "y".repeat(upTo(900)))
          + "\r\n";
    }

    private String bodyLine() {
      return one(
              "",
              "From: " + address(),
              "From " + word(),
              "Sender: " + address(),
              "..",
              ".." + word(),
              ".x",
              words(),
              "a\tb \u0000\u0001\u00ff",
              "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieSB0aGlz",
              "z".repeat(upTo(2000)))
          + "\r\n";
    }

    void message() {
      List<Runnable> fields = new ArrayList<>();
      for (int i = upTo(12); i > 0; i--) {
        fields.add(() -> both(field()));
      }
      boolean replyTo = random.nextInt(4) == 0;
      if (replyTo) {
        fields.add(() -> both("Reply-To: " + address() + "\r\n"));
      }
      for (int i = upTo(5) / 5; i > 0; i--) {
        fields.add(
            () -> {
              Change sender = sender("Sender");
              before.append(sender.before()).append("\r\n");
              after.append(sender.after()).append("\r\n");
            });
      }
      int froms = random.nextInt(8) == 0 ? 0 : random.nextInt(8) == 0 ? 2 : 1;
      boolean[] first = {true};
      for (int i = 0; i < froms; i++) {
        fields.add(() -> from(first, replyTo));
      }
      Collections.shuffle(fields, random);
      fields.forEach(Runnable::run);
      if (froms == 0) {
        after.append("From: ").append(NEW).append("\r\n");
        if (replies && !replyTo) {
          after.append("Reply-To: <old@printer.example>\r\n");
        }
      }
      both("\r\n");
      for (int i = upTo(40); i > 0; i--) {
        both(bodyLine());
      }
      both(".\r\n");
    }

    private void from(boolean[] first, boolean replyTo) {
      Change from = sender("From");
      before.append(from.before()).append("\r\n");
      if (first[0]) {
        after.append(from.after()).append("\r\n");
        if (replies && !replyTo) {
          after
              .append("Reply-To")
              .append(from.before().substring(from.before().indexOf(':')))
              .append("\r\n");
        }
      }
      first[0] = false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheSenderChanges(RewriteFrom.ReplyTo replyTo) {
    Random random = new Random(20261127);
    for (int i = 0; i < MESSAGES; i++) {
      Generator message = new Generator(random, replyTo == RewriteFrom.ReplyTo.ORIGINAL);
      message.message();
      List<Integer> cuts = new ArrayList<>();
      for (int cut = random.nextInt(20); cut > 0; cut--) {
        cuts.add(1 + random.nextInt(500));
      }
      RewrittenData data =
          RewrittenData.of(
              new RewriteFrom(NEW, null, replyTo),
              "old@printer.example",
              message.before.toString(),
              cuts);
      assertThat(data.text()).as("message %s", i).isEqualTo(message.after.toString());
    }
  }
}
