package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrimeSearchTest {
    @Nested
    class Find {
        @ParameterizedTest
        @ValueSource(ints = {255, 256, 511, 1024})
        void find_anySize_isAPrimeWhoseSquareHasAllBits(int bits) {
            SecureRandom random = new SecureRandom();
            Set<BigInteger> all = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                BigInteger prime = PrimeSearch.find(bits, random);

                assertThat(prime.bitLength()).isEqualTo(bits);
                assertThat(prime.multiply(prime).bitLength()).isEqualTo(2 * bits);
                assertThat(prime.isProbablePrime(100)).isTrue();
                all.add(prime);
            }
            assertThat(all).hasSize(10);
        }
    }

    /** What has no small divisor is what is tested: a wrong mark would make the search slow, or pass over every prime. */
    @Nested
    class MultiplesOfSmallPrimes {
        @Test
        void multiplesOfSmallPrimes_eachNumberFromAPlace_areThoseWithADivisor() {
            BigInteger start =
                    new BigInteger(256, new SecureRandom()).setBit(255).setBit(0);
            BigInteger divisors = BigInteger.ONE;
            for (int prime = 3; prime < PrimeSearch.SMALL; prime += 2) {
                if (BigInteger.valueOf(prime).isProbablePrime(50)) {
                    divisors = divisors.multiply(BigInteger.valueOf(prime));
                }
            }

            var composite = PrimeSearch.multiplesOfSmallPrimes(start, 500);

            for (int i = 0; i < 500; i++) {
                BigInteger number = start.add(BigInteger.valueOf(2L * i));
                assertThat(composite.get(i))
                        .as("%s", number)
                        .isEqualTo(!number.gcd(divisors).equals(BigInteger.ONE));
            }
        }
    }
}
