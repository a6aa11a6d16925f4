<?php
// Answers questions to the PHP core, one JSON line each.
spl_autoload_register(static function (string $class): void {
    require __DIR__ . '/../../../connectors/php/src/' . basename(str_replace('\\', '/', $class)) . '.php';
});
use Orderguard\Core\{Answer, Breaker, CartRequest, Currencies, Money, OrderState, Push, Terms};

while ($line = fgets(STDIN)) {
    [$what, $with] = json_decode($line, true);
    $answer = match ($what) {
        'exponents' => array_combine($with, array_map([Currencies::class, 'exponent'], $with)),
        'minor' => Money::toMinor(...$with),
        'major' => Money::toMajor(...$with),
        'rate' => Money::rate(...$with),
        'why not' => (new Terms(...$with[0]))->whyNot(new Terms(...$with[1]), $with[2]),
        'terms' => Terms::fromArray($with)?->toArray(),
        'answer' => Answer::read($with)?->toArray(),
        'region' => CartRequest::region(...$with),
        'outcome' => Push::outcome(...$with)->name,
        'pause' => Push::pause($with),
        'sentence' => Push::sentence(...$with),
        'state' => constant(OrderState::class . "::$with[0]")->toWire($with[1]),
        'rest' => (array) (new Breaker($with[0], 0))->afterSilence($with[1]),
    };
    echo json_encode($answer), "\n";
}
