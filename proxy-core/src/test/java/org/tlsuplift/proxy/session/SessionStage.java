package org.tlsuplift.proxy.session;

import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.SignInDesk;

/** A state of a session, and how a device and its origin bring it there. */
enum SessionStage {
  NEGOTIATING {
    @Override
    SessionRig reach() throws Exception {
      return SessionRig.web();
    }
  },

  /** The device waits for nothing; its origin is connected and has not greeted. */
  CONVERSING {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.mail();
      rig.deviceSays("HELO printer\r\n");
      rig.parts.resolve();
      return rig;
    }
  },

  /** The origin cannot be had; the device was told so when it asked for TLS. */
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

  /** The device and the origin have both agreed to begin TLS. */
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

  /** A modern device; the origin's name is being resolved. */
  CONNECTING_TUNNEL {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = INSPECTING_HELLO.reach();
      rig.deviceOffers("TLSv1.3");
      return rig;
    }
  },

  /** A legacy device; the handshakes with it and with the origin run. */
  CONNECTING_BRIDGE {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = INSPECTING_HELLO.reach();
      rig.deviceOffers("TLSv1");
      rig.parts.resolve();
      return rig;
    }
  },

  /** A device of mail that goes on in plaintext; the origin is waited for. */
  CONNECTING_PLAINTEXT {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.mail();
      rig.deviceSays("EHLO printer\r\n");
      SessionEvent.PLAINTEXT_FOLLOWS.fire(rig);
      return rig;
    }
  },

  /** A device of mail that signs in in plaintext; its password is being checked. */
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

  /** The device was told why, and may still read that. */
  CLOSED {
    @Override
    SessionRig reach() throws Exception {
      SessionRig rig = SessionRig.web();
      rig.session.onNegotiationRefused(
          new NegotiationRefused(CloseReason.NO_ROUTE, "no route", null));
      return rig;
    }
  };

  /** Brings a new session there. */
  abstract SessionRig reach() throws Exception;
}
