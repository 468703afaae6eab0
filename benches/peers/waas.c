/* What benches/waas calls where the way through Python would cost as much as what is measured: libinjection takes less than a
 * microsecond. The libraries are not linked; the script hands over the addresses. */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef int sqli_fn(const char *text, size_t length, char *fingerprint);
typedef int xss_fn(const char *text, size_t length);

enum { SQLI = 1, XSS = 2 };

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Asks for both over every value, as a firewall does. Returns the nanoseconds. */
int64_t libinjection_judge(sqli_fn *is_sqli, xss_fn *is_xss, const char *const *values, const size_t *lengths, size_t count,
                           int *found, char *fingerprint)
{
    int seen = 0;
    int64_t start = now_ns();
    for (size_t i = 0; i < count; i++) {
        char print[16] = {0};
        /* Version 4 answers -1 for a text that its parser gives up on. */
        if (is_sqli(values[i], lengths[i], print) == 1) {
            seen |= SQLI;
            for (size_t k = 0; k < 8; k++)
                fingerprint[k] = print[k];
        }
        if (is_xss(values[i], lengths[i]) == 1)
            seen |= XSS;
    }
    int64_t end = now_ns();
    *found = seen;
    return end - start;
}

/* libmodsecurity wants somebody who listens to its log. */
void ignore_log(void *data, const void *message)
{
    (void)data;
    (void)message;
}
