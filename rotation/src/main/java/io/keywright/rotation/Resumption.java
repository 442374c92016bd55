package io.keywright.rotation;

import java.util.Optional;

/**
 * What became of one credential when all were resumed.
 *
 * @param credential its name
 * @param report how its latest rotation stands; empty when it was never rotated, or could not be resumed
 * @param failure why it could not be resumed, or empty
 */
public record Resumption(String credential, Optional<RotationReport> report, Optional<String> failure) {}
