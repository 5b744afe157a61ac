/* The protocol, exactly: what registers, flags and stack a target finds, by call and by jump. The same for static chains. */
#include "check.h"

#if defined __x86_64__ || defined __i386__ || defined __aarch64__ || defined __arm__
#define ON_THE_STACK 1
#else
#define ON_THE_STACK 0
#endif

#if defined __x86_64__ || defined __i386__
#define FLAGS 0x8d5u /* CF PF AF ZF SF OF */
#elif defined __aarch64__
#define FLAGS 0xf0000000u
#elif defined __arm__
#define FLAGS 0xf8000000u
#else
#define FLAGS 0xffffffffu
#endif

extern uintptr_t registers_in[], registers_out[];
extern const uint32_t registers_bytes, registers_flags;
void *registers_address;
int registers_jump;
extern void registers_run(void), registers_target(void);

long example_handler(void *context, long argument) { return *(long *)context + argument; }

/* The registers of the static chain: of GCC, LLVM and libffi. */
#if defined __x86_64__
extern void registers_chain_r10(void);
static void (*const chains[])(void) = {registers_chain_r10, registers_chain_r10, registers_chain_r10};
#elif defined __i386__
extern void registers_chain_ecx(void);
static void (*const chains[])(void) = {registers_chain_ecx, registers_chain_ecx, registers_chain_ecx};
#elif defined __aarch64__
extern void registers_chain_x18(void), registers_chain_x15(void);
static void (*const chains[])(void) = {registers_chain_x18, registers_chain_x15, registers_chain_x18};
#elif defined __arm__
extern void registers_chain_ip(void);
static void (*const chains[])(void) = {registers_chain_ip, NULL, registers_chain_ip};
#elif defined __riscv
extern void registers_chain_t2(void);
static void (*const chains[])(void) = {registers_chain_t2, registers_chain_t2, registers_chain_t2};
#elif defined __loongarch__
extern void registers_chain_t8(void), registers_chain_t2(void);
static void (*const chains[])(void) = {registers_chain_t8, NULL, registers_chain_t2};
#elif defined __powerpc64__
extern void registers_chain_r11(void);
static void (*const chains[])(void) = {registers_chain_r11, registers_chain_r11, registers_chain_r11};
#elif defined __s390x__
extern void registers_chain_r0(void);
static void (*const chains[])(void) = {registers_chain_r0, NULL, registers_chain_r0};
#endif

static void run(void *tramp, void (*target)(void), int jump, uint64_t *random) {
    uintptr_t context = (uintptr_t)next_random(random);
    CHECK(tramp_bind(tramp, target, (void *)context) != NULL);
    registers_address = ffi_tramp_get_addr(tramp);
    registers_jump = jump;
    size_t words = registers_bytes / sizeof(uintptr_t);
    for (size_t word = 0; word < words; word++) {
        registers_in[word] = (uintptr_t)next_random(random);
        registers_out[word] = 0;
    }
    if (registers_flags) registers_in[registers_flags] &= FLAGS;
    registers_run();
    if (registers_flags) registers_out[registers_flags] &= FLAGS;

    CHECK(registers_out[0] == context);
    CHECK(registers_out[1] == (ON_THE_STACK ? registers_in[1] : (uintptr_t)registers_target));
    CHECK(registers_out[2] == 0);
    for (size_t word = 3; word < words; word++) {
        if (registers_in[word] == registers_out[word]) continue;
        fprintf(stderr, "%s: word %zu: %#zx became %#zx\n", jump ? "jump" : "call", word, (size_t)registers_in[word],
                (size_t)registers_out[word]);
        exit(1);
    }
}

int main(void) {
    uint64_t random = 88172645463325252;
    void *tramps[300]; /* more than a run has anywhere but on x86-64 */
    for (size_t i = 0; i < sizeof tramps / sizeof *tramps; i++) {
        CHECK((tramps[i] = ffi_tramp_alloc(0)) != NULL);
        for (int jump = 0; jump < 2; jump++) run(tramps[i], registers_target, jump, &random);
    }
    for (int user = TRAMP_CHAIN_GCC; user <= TRAMP_CHAIN_LIBFFI; user++) {
        void *others[300];
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
            others[i] = tramp_alloc_chain(user);
            CHECK((others[i] != NULL) == (chains[user] != NULL));
            for (int jump = 0; others[i] && jump < 2; jump++) run(others[i], chains[user], jump, &random);
        }
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) ffi_tramp_free(others[i]);
    }
    CHECK(tramp_alloc_chain(-1) == NULL && tramp_alloc_chain(TRAMP_CHAIN_LIBFFI + 1) == NULL);
    long context = 40;
    CHECK(ffi_tramp_set_parms(tramps[7], (void *)example_target, &context) == 1);
    CHECK(((long (*)(long))ffi_tramp_get_addr(tramps[7]))(2) == 42);
    for (size_t i = 0; i < sizeof tramps / sizeof *tramps; i++) ffi_tramp_free(tramps[i]);
    return 0;
}
