package io.goharbor.preheat.plugin;

import java.io.InputStream;
import java.time.InstantSource;
import java.util.Map;

/** What surrounds a command. */
record Shell(
    Map<String, String> environment, InputStream input, InstantSource clock, Terminal terminal) {}
