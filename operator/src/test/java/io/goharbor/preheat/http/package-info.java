@NullMarked
package io.goharbor.preheat.http;

import org.jspecify.annotations.NullMarked;
