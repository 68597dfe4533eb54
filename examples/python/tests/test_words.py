import sys
import unittest

from words import count


class Words(unittest.TestCase):
    def test_counts(self) -> None:
        self.assertEqual(count("To be or not to be")["be"], 2)

    def test_runs_in_the_environment_of_its_own(self) -> None:
        self.assertNotEqual(sys.prefix, sys.base_prefix)


if __name__ == "__main__":
    unittest.main()
