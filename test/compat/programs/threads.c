/*
 * Threads as a C library makes them: creation, joining, mutexes, condition variables, thread-local storage, barriers,
 * cancellation and detached threads. Prints sums that only come out right if every update was seen.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 16, ROUNDS = 2000, ITEMS = 500 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t done;
static long counter;
static atomic_long atomicCounter;
static int queue[8], queued;
static __thread long own;

static void *count(void *argument) {
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    counter++;
    pthread_mutex_unlock(&lock);
    atomicCounter++;
    own += (long)argument;
  }
  return (void *)own;
}

static void *produce(void *argument) {
  for (int i = 1; i <= ITEMS; i++) {
    pthread_mutex_lock(&lock);
    while (queued == 8) pthread_cond_wait(&changed, &lock);
    queue[queued++] = i;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return argument;
}

static void *consume(void *argument) {
  long sum = 0;
  for (int i = 0; i < ITEMS; i++) {
    pthread_mutex_lock(&lock);
    while (queued == 0) pthread_cond_wait(&changed, &lock);
    sum += queue[--queued];
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  *(long *)argument = sum;
  return NULL;
}

static void *sleepForever(void *argument) {
  for (;;) pause();
  return argument;
}

static void *post(void *argument) {
  sem_post(&done);
  return argument;
}

int main(void) {
  pthread_t threads[THREADS];
  long sum = 0, consumed[2];
  void *result;

  pthread_barrier_init(&barrier, NULL, THREADS);
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, (void *)i);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("counted %ld %ld, thread-local %ld, own %ld\n", counter, atomicCounter, sum, own);

  for (int i = 0; i < 2; i++) {
    pthread_create(&threads[2 * i], NULL, produce, NULL);
    pthread_create(&threads[2 * i + 1], NULL, consume, &consumed[i]);
  }
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  printf("consumed %ld\n", consumed[0] + consumed[1]);

  pthread_create(&threads[0], NULL, sleepForever, NULL);
  pthread_cancel(threads[0]);
  pthread_join(threads[0], &result);
  printf("cancelled %d\n", result == PTHREAD_CANCELED);

  sem_init(&done, 0, 0);
  for (int i = 0; i < THREADS; i++) {
    pthread_create(&threads[i], NULL, post, NULL);
    pthread_detach(threads[i]);
  }
  for (int i = 0; i < THREADS; i++) sem_wait(&done);
  puts("detached");
  return 0;
}
