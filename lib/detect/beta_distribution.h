#pragma once

namespace guardwatch {

// Built on ExactExp and ExactLog, so the same bits everywhere. Absolute error of the probability
// below 1e-9 for a, b up to 1e6.

// ln of the gamma function, x > 0.
double ExactLogGamma(double x);

// P(X <= x) for X ~ Beta(a, b); a, b > 0, x in [0, 1]. Continued fraction by Lentz's method: Press
// et al., Numerical Recipes, 3rd ed., section 6.4.
double BetaProbability(double x, double a, double b);

// The x with P(X <= x) = probability, by bisection to 2^-50. probability in (0, 1).
double BetaQuantile(double probability, double a, double b);

}  // namespace guardwatch
