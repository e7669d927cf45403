"""Common names of persons, to tell those who sell from what is sold: German, English, and of their neighbours.

Where they come from: the names most given in Germany, Austria, Switzerland, Britain and the United States since 1950, and
the surnames met most often there, as the registries publish them; enough to know a column of names, not every name.
"""

from __future__ import annotations

GIVEN = frozenset(
    """
    aaron adam adrian agnes ahmed alan albert alejandro alessandro alex alexander alexandra alfred ali alice alicia alina amanda amber amelie amy ana
    andrea andreas andré andrew andy angela angelika anita anja anke ann anna anne annette annika anthony anton antonia antonio arne arthur astrid
    axel barbara bastian beate ben benedikt benjamin bernd bernhard bettina bianca birgit björn bob brandon brenda brian brigitte bruno bryan
    carina carl carla carlos carmen carol carolin caroline catherine charles charlotte chloe chris christa christian christiana christiane christina christine
    christoph christopher cindy claire clara claudia clemens conny conrad cornelia craig cynthia dagmar dan dana daniel daniela danielle dave david dean
    deborah denise dennis derek detlef diana diane dieter dietmar dirk dominik don donald donna doris dorothea doug douglas edgar edith eduard edward
    elena eleonore elias elisa elisabeth elizabeth elke ella ellen emil emilia emily emma eric erich erik erika ernst erwin esther eugen eva evan
    fabian fatima felix ferdinand fernando finn fiona florian frances francesco francis frank franz franziska fred frederik friedrich fritz gabi gabriel gabriele
    gary george georg gerald gerd gerhard gerlinde gisela giulia giuseppe gloria grace greg gregor gregory günter günther gustav hanna hannah hannes hans
    harald harry hartmut heather heidi heike heiko heinrich heinz helen helena helene helga helmut henning henrik henry herbert hermann hilde holger
    horst hubert hugo ian ibrahim ilona ilse ines inga inge ingo ingrid irene iris isabel isabella isabelle ivan jack jacob jacqueline jake jakob james jamie
    jan jana jane janet janine jannik jasmin jason javier jay jean jeff jeffrey jennifer jenny jens jeremy jerry jesse jessica jill jim jo joachim joan joanna jochen joe
    joel johann johanna johannes john jon jonas jonathan jordan jörg jose josef joseph joshua juan judith judy jürgen jule julia julian juliane julie jutta kai
    karen karin karina karl karla karsten kate katharina katherine kathleen kathrin kathy katja katrin keith kelly ken kenneth kerstin kevin kim kimberly
    kirsten klara klaus konrad konstantin kristin kristina kurt kyle lara larry lars laura lauren lea lena leo leon leonard leonie lewis lia lina linda
    lisa liz lorenz lothar louis louise luca lucas lucy ludwig luis luisa lukas luke lutz lydia magdalena maik maja manfred manuel manuela marc marcel marco marcus
    marek margaret margarete margit maria marianne marie marina mario marion mark marko markus marlene martha martin martina mary mathias matthew matthias maurice max
    maximilian maya megan mehmet melanie melissa mia michael michaela michel michelle miguel mika mike miriam mohamed mohammed monica monika moritz mustafa nadine nadja
    nancy natalie natascha nathan neil nicholas nick nico nicolas nicole niklas nils nina noah nora norbert oliver olga olivia oskar oscar otto pablo pamela pascal patricia patrick
    paul paula pedro peggy peter petra phil philip philipp rachel rainer ralf ralph ramona raphael raymond rebecca regina reiner reinhard renate rené ricardo richard
    rita robert roberto robin roger roland rolf roman ron ronald ronja ronny rosa rosemarie roswitha roy rudi rudolf rüdiger russell ruth ryan sabine sabrina sally sam samantha samuel
    sandra sandy sara sarah scott sean sebastian selina serena sergej sharon shannon shawn sheila siegfried sigrid silke silvia simon simone sina sofia sofie sonja sophia sophie stefan
    stefanie steffen stephan stephanie stephen steve steven sue susan susanne suse sven svenja sylvia tamara tanja tara ted teresa terry tessa theo theresa thomas thorsten tiffany till tim timo
    tina tobias todd tom toni tony torben torsten travis tyler udo ulrich ulrike ulf ursula uta ute uwe valentin valentina vanessa vera verena veronika vicky victor victoria viktor
    viktoria vincent volker walter waltraud wendy werner wilfried wilhelm will william willi wolf wolfgang yannick yasmin yusuf yvonne zach zoe
    aisha akash amit anil arjun deepak dev divya fatma hassan hiroshi jin kavya lakshmi lei li mei min neha nikhil omar pooja priya rahul raj rajesh ravi rohan rohit sanjay sunil wei yuki
    agnieszka aleksandra andrzej beatriz camille chiara cristina diego elif emre federica francesca giorgio giovanni grzegorz guillaume hugo jerzy joao julien katarzyna lorenzo
    lucia malgorzata marta mateusz matteo mathieu murat nathalie nikolai paolo pawel pierre piotr rafael sergio sofía stefano svetlana tatiana thiago tomasz veronique vladimir xavier zeynep
    """.split()
)

SURNAMES = frozenset(
    """
    müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer koch bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann
    hartmann lange schmitt werner schmitz krause meier lehmann schmid schulze maier köhler herrmann könig walter mayer huber kaiser fuchs peters lang scholz möller weiß weiss jung hahn
    schubert vogel friedrich keller günther frank berger winkler roth beck lorenz baumann franke albrecht schuster simon ludwig böhm winter kraus martin schumacher krämer vogt stein
    jäger otto sommer groß gross seidel heinrich brandt haas schreiber graf schulte dietrich ziegler kuhn kühn pohl engel horn busch bergmann thomas voigt sauer arnold wolff pfeiffer
    gruber pichler steiner moser mayr hofer leitner berger egger eder wimmer auer haas binder lechner reiter wieser kaufmann brunner frei gerber widmer zimmermann moser graf roth suter baumgartner
    bühler lehmann schwarz senn aebi yılmaz yilmaz kaya demir çelik celik şahin sahin öztürk arslan doğan kowalski nowak petrović kovač horvat novak
    smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson taylor moore jackson lee perez thompson white
    harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts
    evans turner parker collins edwards stewart morris murphy cook rogers morgan cooper reed bailey bell kelly howard ward cox richardson wood watson brooks bennett gray hughes
    price patel khan singh kumar sharma gupta chen wang zhang liu kim park tanaka sato rossi ferrari bianchi dubois bernard moreau silva santos
    """.split()
)
