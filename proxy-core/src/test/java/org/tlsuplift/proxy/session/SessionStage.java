package org.tlsuplift.proxy.session;

import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.SignInDesk;

/** A state of a session, and the steps of device and origin that lead to it. */
enum SessionStage {
  NEGOTIATING {
    @Override
    SessionRig reach() throws Exception {
      return SessionRig.web();
    }
  },

  /** The device waits for no reply; its origin is connected and has sent no greeting. */
  CONVERSING {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.mail();
      rig.deviceSays("HELO printer\r\n");
      rig.parts.resolve();
      return rig;
    }
  },

  /** The origin is unavailable; the device got this reply to STARTTLS. */
  CONVERSING_AFTER_REFUSAL {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.mail();
      rig.deviceSays("STARTTLS\r\n");
      rig.parts.refuseNames();
      return rig;
    }
  },

  INSPECTING_HELLO {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.web();
      rig.deviceSays("CONNECT " + EmbeddedParts.TARGET + " HTTP/1.1\r\n\r\n");
      return rig;
    }
  },

  /** The device and the origin have both agreed to start TLS. */
  INSPECTING_HELLO_AFTER_STARTTLS {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = CONVERSING.reach();
      rig.deviceSays("STARTTLS\r\n");
      rig.originSays("220 origin\r\n");
      rig.originSays("250-origin\r\n250 STARTTLS\r\n");
      rig.originSays("220 go\r\n");
      return rig;
    }
  },

  /** A legacy device that waits for those before it. */
  QUEUED {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = INSPECTING_HELLO.reach();
      rig.occupyRound();
      rig.deviceOffers("TLSv1");
      return rig;
    }
  },

  /** A modern device; the origin's name is being resolved. */
  CONNECTING_TUNNEL {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = INSPECTING_HELLO.reach();
      rig.deviceOffers("TLSv1.3");
      return rig;
    }
  },

  /** A legacy device; the handshakes with the device and the origin are running. */
  CONNECTING_BRIDGE {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = INSPECTING_HELLO.reach();
      rig.deviceOffers("TLSv1");
      rig.parts.resolve();
      return rig;
    }
  },

  /** A mail device that continues in plaintext; the session waits for the origin. */
  CONNECTING_PLAINTEXT {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.mail();
      rig.deviceSays("EHLO printer\r\n");
      SessionEvent.PLAINTEXT_FOLLOWS.fire(rig);
      return rig;
    }
  },

  /** A mail device that signs in in plaintext; its password is being checked. */
  CONNECTING_SIGN_IN {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.signIn();
      rig.deviceSays("EHLO printer\r\n");
      rig.deviceSays("AUTH PLAIN " + SignInDesk.plain("any") + "\r\n");
      return rig;
    }
  },

  RELAYING {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = CONNECTING_TUNNEL.reach();
      rig.parts.resolve();
      return rig;
    }
  },

  /** The device got the reason, and may still read it. */
  CLOSED {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.web();
      rig.session.onNegotiationRefused(
          new NegotiationRefused(CloseReason.NO_ROUTE, "no route", null));
      return rig;
    }
  };

  /** Creates a session in this state. */
  abstract SessionRig reach() throws Exception;
}
