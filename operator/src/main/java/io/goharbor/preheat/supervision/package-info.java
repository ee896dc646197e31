/** Background loops: they go on whatever is thrown, and one that does not go on is noticed. */
@NullMarked
package io.goharbor.preheat.supervision;

import org.jspecify.annotations.NullMarked;
