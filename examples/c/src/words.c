#include <ctype.h>
#include <stdio.h>

static int count(const char *text) {
  int words = 0;
  int inside = 0;
  for (; *text != '\0'; text++) {
    int space = isspace((unsigned char)*text);
    words += !space && !inside;
    inside = !space;
  }
  return words;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  printf("%d\n", count(argv[1]));
  return 0;
}
