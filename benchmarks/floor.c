/* Trains a 16-16-1 network on rows of ones and zeros with RMSprop, on one thread.

   bench_training.py compiles it, to show the time of a fit that does nothing but its arithmetic.
   The parameters are one array: the first kernel, its bias, the second kernel, its bias, the last
   kernel, its bias. */

#include <math.h>
#include <stdint.h>

#define UNITS 16
#define BIAS (kernel + n_features * UNITS)
#define SECOND (BIAS + UNITS)
#define SECOND_BIAS (SECOND + UNITS * UNITS)
#define LAST (SECOND_BIAS + UNITS)
#define LAST_BIAS (LAST + UNITS)

/* Returns the logit of a row, and sets the outputs of the hidden layers. */
static float forward(const float *kernel, int64_t n_features, const int32_t *columns, int32_t n,
                     float *first, float *second) {
    float logit = *LAST_BIAS;
    for (int u = 0; u < UNITS; u++) first[u] = BIAS[u];
    for (int32_t i = 0; i < n; i++)
        for (int u = 0; u < UNITS; u++) first[u] += kernel[(int64_t)columns[i] * UNITS + u];
    for (int u = 0; u < UNITS; u++) first[u] = fmaxf(first[u], 0), second[u] = SECOND_BIAS[u];
    for (int t = 0; t < UNITS; t++)
        for (int u = 0; u < UNITS; u++) second[u] += first[t] * SECOND[t * UNITS + u];
    for (int u = 0; u < UNITS; u++) second[u] = fmaxf(second[u], 0), logit += second[u] * LAST[u];
    return logit;
}

/* Adds the gradient of a row's loss to `kernel`. `slope` is the derivative by the logit. */
static void backward(const float *parameters, float *kernel, int64_t n_features,
                     const int32_t *columns, int32_t n, const float *first, const float *second,
                     float slope) {
    const float *last = parameters + (LAST - kernel), *middle = parameters + (SECOND - kernel);
    float by_second[UNITS], by_first[UNITS];
    *LAST_BIAS += slope;
    for (int u = 0; u < UNITS; u++) {
        LAST[u] += slope * second[u];
        SECOND_BIAS[u] += by_second[u] = second[u] > 0 ? slope * last[u] : 0;
    }
    for (int t = 0; t < UNITS; t++) {
        float sum = 0;
        for (int u = 0; u < UNITS; u++) {
            sum += by_second[u] * middle[t * UNITS + u];
            SECOND[t * UNITS + u] += first[t] * by_second[u];
        }
        BIAS[t] += by_first[t] = first[t] > 0 ? sum : 0;
    }
    for (int32_t i = 0; i < n; i++)
        for (int u = 0; u < UNITS; u++) kernel[(int64_t)columns[i] * UNITS + u] += by_first[u];
}

/* Trains one epoch in the order given, and returns the sum of the losses. `gradient` is all 0. */
double train(float *parameters, float *gradient, float *mean_square, int64_t n_features,
             const int32_t *indptr, const int32_t *indices, const float *y, const int64_t *order,
             int64_t n_rows, int64_t batch_size) {
    int64_t n_parameters = (n_features + UNITS + 3) * UNITS + 1;
    float first[UNITS], second[UNITS];
    double loss = 0;
    for (int64_t start = 0; start < n_rows; start += batch_size) {
        int64_t stop = start + batch_size < n_rows ? start + batch_size : n_rows;
        for (int64_t i = start; i < stop; i++) {
            int64_t row = order[i];
            const int32_t *columns = indices + indptr[row];
            int32_t n = indptr[row + 1] - indptr[row];
            float logit = forward(parameters, n_features, columns, n, first, second);
            float slope = (1 / (1 + expf(-logit)) - y[row]) / (stop - start);
            loss += log1pf(expf(-fabsf(logit))) + fmaxf(logit, 0) - logit * y[row];
            backward(parameters, gradient, n_features, columns, n, first, second, slope);
        }
        for (int64_t i = 0; i < n_parameters; i++) {
            mean_square[i] = 0.9f * mean_square[i] + 0.1f * gradient[i] * gradient[i];
            parameters[i] -= 0.001f * gradient[i] / sqrtf(mean_square[i] + 1e-7f);
            gradient[i] = 0;
        }
    }
    return loss;
}

/* Returns the sum of the losses, and adds the rows that are predicted right to `right`. */
double validate(const float *parameters, int64_t n_features, const int32_t *indptr,
                const int32_t *indices, const float *y, int64_t n_rows, int64_t *right) {
    float first[UNITS], second[UNITS];
    double loss = 0;
    for (int64_t row = 0; row < n_rows; row++) {
        float logit = forward(parameters, n_features, indices + indptr[row],
                              indptr[row + 1] - indptr[row], first, second);
        loss += log1pf(expf(-fabsf(logit))) + fmaxf(logit, 0) - logit * y[row];
        *right += (logit > 0) == (y[row] > 0.5f);
    }
    return loss;
}
