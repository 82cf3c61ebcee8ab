package org.tlsuplift.proxy.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/**
 * A mail server that accepts everything, and that ends lines at a bare LF, so that a message can
 * hide another one from it (the class of CVE-2023-51764).
 */
public final class LenientMailOrigin implements MailOriginServer.Script {
  private static final String TLS = "TLSv1.2";

  /** The accepted messages: the sender, then the data without its end, each byte a character. */
  public final List<List<String>> messages = new CopyOnWriteArrayList<>();

  private final SSLContext serving;
  private final boolean implicit;

  /**
   * Creates a server.
   *
   * @param serving its certificate
   * @param implicit whether TLS starts at once, otherwise with STARTTLS
   */
  public LenientMailOrigin(SSLContext serving, boolean implicit) {
    this.serving = serving;
    this.implicit = implicit;
  }

  /** The senders of the accepted messages. */
  public List<String> senders() {
    return messages.stream().map(message -> message.get(0)).toList();
  }

  @Override
  public void run(MailTalk talk) throws Exception {
    if (implicit) {
      talk.acceptTls(serving, TLS);
    }
    talk.say("220 origin ready");
    String sender = "";
    for (String line = talk.hear(); !line.isEmpty(); line = talk.hear()) {
      String verb = line.split(" ", 2)[0].toUpperCase(java.util.Locale.ROOT);
      switch (verb) {
        case "EHLO" -> {
          talk.say("250-origin").say("250-SIZE 100000").say("250-CHUNKING");
          talk.say(talk.version().equals("none") ? "250 STARTTLS" : "250 AUTH LOGIN");
        }
        case "STARTTLS" -> talk.say("220 go").acceptTls(serving, TLS);
        case "AUTH" -> {
          talk.say("334 VXNlcm5hbWU6").hear();
          talk.say("334 UGFzc3dvcmQ6").hear();
          talk.say("235 2.7.0 in");
        }
        case "MAIL" -> {
          sender = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
          talk.say("250 2.1.0 Sender OK");
        }
        case "DATA" -> {
          talk.say("354 go");
          if (!take(talk, sender)) {
            return;
          }
        }
        case "BDAT" -> {
          String data = talk.hear(Integer.parseInt(line.split(" ", -1)[1]));
          messages.add(List.of(sender, data));
          talk.say("250 2.0.0 queued as chunk");
        }
        case "QUIT" -> {
          talk.say("221 bye");
          return;
        }
        default -> talk.say("250 ok");
      }
    }
  }

  /** Returns false if the device left before the end. */
  private boolean take(MailTalk talk, String sender) throws Exception {
    StringBuilder data = new StringBuilder();
    for (String line = talk.hearWithEnd(); !line.isEmpty(); line = talk.hearWithEnd()) {
      if (line.strip().equals(".")) {
        messages.add(List.of(sender, data.toString()));
        talk.say("250 2.0.0 queued as " + messages.size());
        return true;
      }
      data.append(line);
    }
    return false;
  }
}
