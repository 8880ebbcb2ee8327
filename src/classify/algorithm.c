#include "classify/algorithm.h"

const struct algorithm algorithm_table[ALGORITHM_COUNT] = {
	{ALGORITHM_NAIVE, 0.9, naive_choose, naive_probability, bayes_log_odds, naive_explain},
	{ALGORITHM_GRAHAM, 0.9, graham_choose, graham_probability, bayes_log_odds, graham_choose},
	{ALGORITHM_BURTON, 0.9, burton_choose, burton_probability, bayes_log_odds, burton_choose},
	{ALGORITHM_ROBINSON, 0.5, robinson_choose, robinson_probability, robinson_log_odds, robinson_choose},
	{ALGORITHM_CHI_SQUARE, 0.5010, chi_square_choose, chi_square_probability, chi_square_log_odds,
	 chi_square_choose},
};
