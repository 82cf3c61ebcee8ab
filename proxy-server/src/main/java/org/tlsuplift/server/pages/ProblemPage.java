package org.tlsuplift.server.pages;

/**
 * Why there is no page.
 *
 * @param frame around it
 * @param title in few words
 * @param text what to do
 */
record ProblemPage(PageFrame frame, String title, String text) {}
