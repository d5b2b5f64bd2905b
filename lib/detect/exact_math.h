#pragma once

// exp and log that give the same bits on every machine: only +, -, *, / and exact scaling by powers
// of two, in a fixed order, no table of the C library. A detector that is replayed elsewhere must
// cross its threshold on the same pane. (std::sqrt needs no such care: IEEE 754 rounds it exactly.)

namespace guardwatch {

// e^x. Relative error below 3 units in the last place (6.7e-16) where the result is a normal
// number; 0 below -745, infinity above 709.782, NaN for NaN.
double ExactExp(double x);

// Natural logarithm. Relative error below 3 units in the last place (6.7e-16); -infinity at 0, NaN
// below.
double ExactLog(double x);

}  // namespace guardwatch
